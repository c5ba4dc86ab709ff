"""The command line: `kasama ...`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import cli_cases, cli_channels, cli_content, cli_desk, cli_drill, cli_keys, cli_privacy, cli_report, cli_say
from bot.logs import configure_logs
from bot.saying import CHANNELS
from bot.settings import SettingsError, load_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A companion for women who migrate for work.",
)
app.add_typer(cli_content.app, name="content", help="The facts and texts: check, look, extract.")
app.add_typer(cli_cases.app, name="cases", help="Calls for help: list, show, acknowledge, close.")
app.add_typer(cli_drill.app, name="drill", help="Test whether partners answer: a marked case by the real ways.")
app.add_typer(cli_keys.app, name="keys", help="The keys that everything personal is sealed with: status, rotate, drop.")
app.add_typer(cli_channels.app, name="channels", help="The ways in and out: take in what never arrived.")
app.add_typer(cli_desk.app, name="desk", help="The desk: invite somebody who works there.")
app.add_typer(cli_privacy.app, name="privacy", help="What is kept, and for how long: purge.")
nlu = typer.Typer(no_args_is_help=True)
app.add_typer(nlu, name="nlu", help="Measure how well messages are understood.")


@app.command()
def run(
    chat: Annotated[bool, typer.Option(help="A chat in this terminal, on a throwaway conversation.")] = True,
) -> None:
    """Start the whole service; Ctrl-C ends it."""
    from bot.service import Service
    from bot.terminal import chat as terminal_chat

    configure_logs()
    settings = load_settings()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        # The model's process and ours take about ten seconds each to load: side by side.
        start = lambda server: asyncio.run_coroutine_threadsafe(server.start(), loop)  # noqa: E731
        service = await asyncio.to_thread(Service, settings, early=start)
        serving = asyncio.create_task(service.run())
        if chat and sys.stdin.isatty() and sys.stdout.isatty():
            talking = asyncio.create_task(_talk(service))
            await asyncio.wait({serving, talking}, return_when=asyncio.FIRST_COMPLETED)
            talking.cancel()
            service.should_end()
        await serving

    async def _talk(service: Service) -> None:
        await service.dialogue_ready(120)
        print("Write a message, or Ctrl-D to end. This chat is for trying out: it reaches no partner.")
        await terminal_chat(service.sandbox)

    with asyncio.Runner(loop_factory=_event_loop()) as runner:
        runner.run(serve())


def _event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it exists, which costs half as much per message; else Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@app.command()
def rasa(
    host: Annotated[str, typer.Option(help="Where it listens; never where strangers can reach it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = 5005,
) -> None:
    """Run the dialogue model alone, for services that name it in KASAMA_RASA_URL."""
    from bot.cli_operation import serve_rasa

    serve_rasa(load_settings(), host, port)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copy the database and the attachments into one file, while the service runs."""
    from bot.cli_operation import write_backup

    write_backup(load_settings(), file)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="What `kasama backup` wrote.")]) -> None:
    """Bring a backup into an empty home; the service must not run."""
    from bot.cli_operation import bring_back

    bring_back(load_settings(), file)


@app.command()
def status() -> None:
    """What waits: calls for help that nobody has taken, what could not be sent, drills that are due."""
    cli_drill.overview()


@app.command()
def train() -> None:
    """Train what understands messages, if its data changed."""
    from bot.service import ROOT
    from bot.training import TrainingError, ensure_model

    try:
        ensure_model(ROOT, load_settings().home, typer.echo)
    except TrainingError as error:
        raise Stop(str(error)) from None


@app.command()
def say(
    text: Annotated[str | None, typer.Argument(help="What she writes.")] = None,
    lang: Annotated[
        str | None, typer.Option(help="The language that she has chosen; without it, it is found out.")
    ] = None,
    channel: Annotated[str, typer.Option(help=", ".join(CHANNELS))] = "terminal",
    sender: Annotated[
        str | None,
        typer.Option(help="Who writes: a number on SMS. The same sender goes on with the same conversation."),
    ] = None,
    jsonl: Annotated[
        bool, typer.Option(help="Read messages as JSON lines from standard input, write results as JSON lines.")
    ] = False,
    live: Annotated[
        bool, typer.Option(help="The real database and the real partner instead of a throwaway conversation.")
    ] = False,
) -> None:
    """One message along the real road; prints the replies."""
    if jsonl == (text is not None):
        raise Stop("Give one TEXT, or --jsonl and messages on standard input.")
    line = {"text": text, "lang": lang, "channel": channel, "sender": sender}
    cli_say.run(load_settings(), None if jsonl else line, live=live)


@app.command()
def report(
    month: Annotated[
        str | None, typer.Option(help="For example 2026-11; by default the last one that is over.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the table and the pictures.")] = Path("report"),
) -> None:
    """The figures of a month as CSV and pictures, small numbers hidden."""
    cli_report.report(load_settings(), month, out)


@nlu.command("eval")
def nlu_eval(
    file: Annotated[Path, typer.Argument(help='Lines {"text", "lang", "intent"}.')],
    json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Accuracy and macro F1 by language, script and intent, and what became of calls for help."""
    cli_say.evaluate(load_settings(), file, as_json=json)


@nlu.command("benchmark")
def nlu_benchmark() -> None:
    """Measure the whole road on every development line and write the tables of BENCHMARKS.md."""
    from bot import benchmarks
    from bot.service import ROOT

    made = cli_say.measure(load_settings(), benchmarks.development_lines(ROOT))
    benchmarks.draw(ROOT, made)
    benchmarks.write(ROOT, "understanding", benchmarks.understanding(made))


@nlu.command("compare")
def nlu_compare(
    pipelines: Annotated[
        list[str] | None, typer.Argument(help="kasama, or names in benchmarks/pipelines; all when none is given.")
    ] = None,
    keep: Annotated[bool, typer.Option("--write", help="Write the table into BENCHMARKS.md.")] = False,
) -> None:
    """Train stock Rasa pipelines and ours on the same lines, one after the other, and compare them."""
    from bot import benchmarks
    from bot.service import ROOT

    names = pipelines or ["counts", "diet", "kasama"]
    text = benchmarks.comparison(benchmarks.compare(ROOT, names, benchmarks.development_lines(ROOT)))
    print(text)
    if keep:
        benchmarks.write(ROOT, "pipelines", text)


class Stop(typer.BadParameter):
    """Ends the command with a sentence."""


def main() -> None:
    """Entry of the `kasama` command: errors are sentences, not tracebacks."""
    from bot.benchmarks import BenchmarkError
    from bot.knowledge import ContentError
    from bot.service_errors import ListenError
    from bot.store.crypto import WrongKey
    from bot.training import TrainingError

    try:
        app()
    except SettingsError as error:
        _end(f"A setting is wrong, so nothing was started:\n{error}")
    except (BenchmarkError, ContentError, ListenError, WrongKey, TrainingError) as error:
        _end(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


def _end(text: str) -> None:
    print(text, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
