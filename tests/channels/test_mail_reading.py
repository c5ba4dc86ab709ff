"""Answers by mail as mail programs send them: which words are new, who wrote them, and whether a person did."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from channels.mail_reading import LONGEST_TEXT, read_mail
from channels.mailbox import names_a_mail_of_ours, returned

OWN = ["kasama@line.example"]
OURS = "<k.0123456789abcdef0123456789abcdef@line.example>"

CASE = """--- Write your answer above this line ---

Case 482106, opened 2026-11-25 08:12 UTC
Kind: violence (phrase: beating me)
Her words: help, he is beating me
Reply to her: +85291234567 (sms)"""
QUOTED = "\n".join(f"> {line}".rstrip() for line in CASE.splitlines())
HERS = "I am here. Can you write now?"

PLAIN = {
    "Gmail": f"{HERS}\n\nOn Wed, 25 Nov 2026 at 16:24, <kasama@line.example> wrote:\n\n{QUOTED}\n",
    "Gmail, attribution on two lines": f"{HERS}\n\nOn Wed, Nov 25, 2026 at 4:24 PM Kasama Helpline Hong Kong\n"
    f"<kasama@line.example> wrote:\n\n{QUOTED}\n",
    "Gmail in Spanish": f"{HERS}\n\nEl mié, 25 nov 2026 a las 16:24, Kasama (<kasama@line.example>)\nescribió:\n\n{QUOTED}\n",
    "Gmail in Arabic": f"{HERS}\n\nفي الأربعاء، 25 نوفمبر 2026 في 4:24 م تمت كتابة ما يلي بواسطة <\n"
    f"kasama@line.example>:\n\n{QUOTED}\n",
    "Gmail in Indonesian": f"{HERS}\n\nPada Rab, 25 Nov 2026 pukul 16.24 <kasama@line.example> menulis:\n\n{QUOTED}\n",
    "Gmail in Nepali digits": f"{HERS}\n\n२०२६ नोभेम्बर २५, बुध १६:२४ मा <kasama@line.example> ले लेख्नुभयो:\n\n{QUOTED}\n",
    "Apple Mail": f"{HERS}\n\n> On 25 Nov 2026, at 16:24, kasama@line.example wrote:\n> \n{QUOTED}\n",
    "iPhone": f"{HERS}\n\nSent from my iPhone\n\n> On 25 Nov 2026, at 16:24, kasama@line.example wrote:\n>\n> \ufeff{CASE}\n",
    "iPhone in Spanish": f"{HERS}\n\nEnviado desde mi iPhone\n\n"
    f"> El 25 nov 2026, a las 16:24, kasama@line.example escribió:\n{QUOTED}\n",
    "Outlook": f"{HERS}\n\nBest regards,\n\nMaria Santos\nExample House\n+852 2345 6789\n\nFrom: kasama@line.example"
    f" <kasama@line.example>\nSent: Wednesday, November 25, 2026 4:24 PM\nTo: Maria\nSubject: Call for help\n\n{CASE}\n",
    "Outlook, the sender in the address book": f"{HERS}\n\nFrom: Line of the house\nSent: Wednesday, November 25, 2026 4:24 PM\n"
    f"To: Maria\nSubject: Call for help 482106: violence\n\n{CASE}\n",
    "Outlook in Spanish": f"{HERS}\n\nDe: Línea\nEnviado el: miércoles, 25 de noviembre de 2026 16:24\nPara: Maria\n"
    f"Asunto: Call for help 482106\n\n{CASE}\n",
    "Outlook on the web": f"{HERS}\n\n{'_' * 32}\nFrom: kasama@line.example\nSent: 25 November 2026\n\n{CASE}\n",
    "old Outlook": f"{HERS}\n\n-----Original Message-----\nFrom: x\n\n{CASE}\n",
    "K-9": f"{HERS}\n\n-------- Ursprüngliche Nachricht --------\nVon: kasama@line.example\n\n{CASE}\n",
    "K-9, signature": f"{HERS}\n-- \nMaria, Example House\nSent from K-9\n\n{QUOTED}\n",
    "Thunderbird, below": f"On 25/11/2026 16:24, kasama@line.example wrote:\n{QUOTED}\n\n{HERS}\n\n"
    "-- \nMaria Santos\nExample House\n",
    "Thunderbird in German, below": f"Am 25.11.26 um 16:24 schrieb Kasama:\n{QUOTED}\n\n{HERS}\n",
    "in between": f"On 25/11/2026 16:24, kasama@line.example wrote:\n> Her words: help\n{HERS}\n> Language: en\n",
    "nothing quoted": HERS,
    "line ends of the net": f"{HERS}\r\n\r\nOn Wed, 25 Nov 2026 at 16:24, <kasama@line.example> wrote:\r\n\r\n> x\r\n",
    "regards in Arabic": f"{HERS}\n\nمع تحياتي،\nماريا\nالبيت المثال\n\n{QUOTED}\n",
}


def mail(text: str = HERS, *, html: str | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    given = {
        "From": "Maria Santos <maria@partner.example>",
        "To": OWN[0],
        "Subject": "Re: Call for help 482106: violence",
    }
    given |= {"Message-ID": "<abc@mail.example>", "In-Reply-To": OURS}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
def test_only_the_new_words(text: str) -> None:
    assert read_mail(mail(text), OWN).words == HERS


KEPT = {
    "a list": "Please:\n- go to the gate at 8\n- bring your bag\nI wait there.",
    "paragraphs": "I am here.\n\nCan you write now?",
    "a date and a colon": "I come on 25.11.2026. Bring:\nyour bag",
    "a number to call": "Call 999 if you are in danger now. It is free.",
    "thanks": "Thank you for writing.\nWe are near you.",
    "a script with joiners": "म यहाँ छु। क्\u200dया तिमी लेख्न सक्छौ?",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_nothing_of_her_caseworkers_words_is_lost(text: str) -> None:
    assert (
        read_mail(mail(f"{text}\n\nOn Wed, 25 Nov 2026 at 16:24, <kasama@line.example> wrote:\n\n{QUOTED}"), OWN).words
        == text
    )


def test_a_line_that_a_mail_program_has_broken_is_whole_again() -> None:
    broken = "I have a bed for you in the house from tonight on, and somebody waits\nfor you at the gate.\n\nSecond."
    whole = "I have a bed for you in the house from tonight on, and somebody waits for you at the gate.\n\nSecond."
    assert read_mail(mail(broken), OWN).words == whole


@pytest.mark.parametrize("text", [CASE, f"\n{CASE}\n\n{HERS}", f"\n\n{QUOTED}", ""])
def test_no_words_where_it_cannot_be_told_which_are_new(text: str) -> None:
    assert read_mail(mail(text), OWN).words == ""


GMAIL_HTML = (
    '<div dir="ltr"><div>I am here. Can you write&nbsp;now?</div><br clear="all"><div class="gmail_signature"><div>Maria Santos'
    "<br>Example House</div></div></div><br><div class='gmail_quote'><div class='gmail_attr'>On Wed wrote:<br></div>"
    "<blockquote>Write your answer above this line<br>Her words: help</blockquote></div>"
)
OUTLOOK_HTML = (
    "<html><head><style>p {color: red}</style></head><body><p class=MsoNormal>I am here. Can you\nwrite now?<o:p></o:p></p>"
    "<div id='Signature'><p>Maria</p><p>Example House</p></div><div id='appendonsend'></div><hr>"
    "<div id='divRplyFwdMsg'><b>From:</b> kasama@line.example</div><div>Write your answer above this line</div></body></html>"
)
DESKTOP_HTML = (
    "<div class=WordSection1><p>I am here. Can you write now?</p><div style='border-top:solid'><p><b>From:</b> "
    "kasama@line.example<br><b>Sent:</b> Wednesday</p></div>"
    "<p>--- Write your answer above this line ---</p><p>Her words: help</p></div>"
)


@pytest.mark.parametrize(
    "html", [GMAIL_HTML, OUTLOOK_HTML, DESKTOP_HTML], ids=["Gmail", "Outlook on the web", "Outlook"]
)
def test_only_html(html: str) -> None:
    raw = mail("x", Content_Type="text/plain").replace(b'text/plain; charset="utf-8"', b'text/html; charset="utf-8"')
    raw = raw.replace(b"\n\nx\n", b"\n\n" + html.encode() + b"\n")
    assert read_mail(raw, OWN).words == HERS


def test_a_signature_that_only_the_html_marks_is_left_out() -> None:
    assert read_mail(mail(f"{HERS}\n\nMaria Santos\nExample House\n", html=GMAIL_HTML), OWN).words == HERS


def test_a_broken_mail_is_read_as_far_as_it_goes() -> None:
    whole = mail(f"{HERS}\n\n{QUOTED}", html="<p>x</p>")
    assert read_mail(whole[: whole.index(b"Reply to her")], OWN).words == HERS
    for raw in (b"", b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno part"):
        assert read_mail(raw, OWN).words == ""
    assert read_mail(b"\xff\x00\xfe", OWN).automatic
    odd = b"From: maria@partner.example\nContent-Type: text/plain; charset=no-such\nContent-Transfer-Encoding: base64\n\n!!!"
    assert read_mail(odd, OWN).sender == "maria@partner.example"


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("windows-1252", "¿Estás sola?"),
        ("windows-1256", "هل أنت وحدك؟"),
        ("gb18030", "你好"),
        ("iso-2022-jp", "こんにちは"),
        ("latin-1", "á"),
    ],
)
def test_charsets(charset: str, words: str) -> None:
    head = (
        f"From: maria@partner.example\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    )
    assert read_mail(head.encode() + words.encode(charset), OWN).words == words


def test_a_huge_mail() -> None:
    assert len(read_mail(mail("a" * 900_000), OWN).words) <= LONGEST_TEXT
    attached = EmailMessage()
    attached["From"] = "maria@partner.example"
    attached.set_content(HERS)
    attached.add_attachment(b"\xff" * 2_000_000, maintype="image", subtype="jpeg", filename="x.jpg")
    assert read_mail(attached.as_bytes()[:1_000_000], OWN).words == HERS


def test_a_file_or_a_mail_that_hangs_on_it_is_not_its_text() -> None:
    message = EmailMessage()
    message["From"] = "maria@partner.example"
    message.set_content("")
    message.add_attachment("the notes of the case", filename="notes.txt")
    inner = EmailMessage()
    inner.set_content("somebody else's words")
    message.add_attachment(inner)
    assert read_mail(message.as_bytes(), OWN).words == ""


SENDERS = [
    ("Maria Santos <maria@partner.example>", ("maria@partner.example", "Maria Santos")),
    ("maria@partner.example", ("maria@partner.example", "")),
    ('"maria@partner.example" <maria@partner.example>', ("maria@partner.example", "")),
    ("+852 2345 6789 <maria@partner.example>", ("maria@partner.example", "")),
    ("=?utf-8?b?4KSu4KS+4KSw4KS/4KSv4KS+?= <maria@partner.example>", ("maria@partner.example", "मारिया")),
    ("maria@partner.example, x@other.example", ("", "")),
    ("maria@partner.example <x@other.example>", ("", "")),
    ("<maria@partner.example> <x@other.example>", ("", "")),
    ("nobody", ("", "")),
]


@pytest.mark.parametrize(("given", "expected"), SENDERS, ids=[s[0] for s in SENDERS])
def test_sender(given: str, expected: tuple[str, str]) -> None:
    raw = b"From: " + given.encode() + b"\n\nhi"
    read = read_mail(raw, OWN)
    assert (read.sender, read.name) == expected


def test_a_charset_that_does_not_exist_in_a_header_keeps_no_mail_out() -> None:
    raw = b"From: =?no-such\xff?q?Maria?= <maria@partner.example>\nSubject: =?utf-9?q?x?=\n\nI am here"
    read = read_mail(raw, OWN)
    assert (read.sender, read.words, read.automatic) == ("maria@partner.example", "I am here", False)


def test_two_senders_are_none() -> None:
    read = read_mail(b"From: maria@partner.example\nFrom: x@other.example\n\nhi", OWN)
    assert read.sender == "" and read.automatic


def test_the_thread_newest_first_and_the_same_mail_is_the_same() -> None:
    raw = mail(References=f"<a@x.example> <b@x.example> {OURS}")
    read = read_mail(raw, OWN)
    assert read.thread == (OURS, "<b@x.example>", "<a@x.example>") and read.message_id == "<abc@mail.example>"
    assert (
        read.fingerprint
        == read_mail(raw + b"\nX", OWN).fingerprint
        != read_mail(mail(Message_ID="<d@x.example>"), OWN).fingerprint
    )
    assert len(read.fingerprint) <= 100
    without = b"From: maria@partner.example\n\nhi"
    assert read_mail(without, OWN).fingerprint != read_mail(without + b"!", OWN).fingerprint


AUTOMATIC = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; x=y"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "x"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"Precedence": "list"},
    {"Return_Path": "<>"},
    {"From": "Mail Delivery System <MAILER-DAEMON@mx.example>"},
    {"Subject": "Automatic reply: Call for help 482106"},
    {"Subject": "Respuesta automática: Call for help"},
    {"Subject": "رد تلقائي: Call for help"},
    {"Content_Type": "multipart/report; report-type=delivery-status; boundary=x"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=[str(h) for h in AUTOMATIC])
def test_no_person_wrote_it(headers: dict[str, str]) -> None:
    raw = mail()
    if "Content_Type" in headers:
        raw = raw.replace(b'text/plain; charset="utf-8"', headers["Content_Type"].encode())
    else:
        raw = mail(**headers)
    assert read_mail(raw, OWN).automatic


@pytest.mark.parametrize(
    "headers", [{}, {"Auto_Submitted": "no"}, {"Return_Path": "<maria@partner.example>"}, {"Precedence": "normal"}]
)
def test_a_person_wrote_it(headers: dict[str, str]) -> None:
    assert not read_mail(mail(**headers), OWN).automatic


def test_a_mail_that_came_back_names_ours() -> None:
    back = (
        mail("could not be delivered")
        + f"\nMessage-ID: {OURS}\nX-Kasama-Delivery: case:482106:opened:operator:0\n".encode()
    )
    assert names_a_mail_of_ours(back, "line.example") and returned(back) == ["case:482106:opened:operator:0"]
    other = mail(In_Reply_To="<x@y.example>")
    assert not names_a_mail_of_ours(other, "line.example") and returned(other) == []


def test_a_mail_that_quotes_ours_without_naming_it_is_known_too() -> None:
    assert read_mail(mail("see below", html=GMAIL_HTML), OWN).quotes_ours
    assert read_mail(mail(f"forwarded\n\n{QUOTED}"), OWN).quotes_ours
    assert not read_mail(mail("a letter"), OWN).quotes_ours


def test_ids_hold_nothing_that_a_database_refuses() -> None:
    raw = b"From: maria@partner.example\nReferences: <a\x00b@x.example> <\xff@x.example> <c@x.example>\n\nhi"
    assert read_mail(raw, OWN).thread == ("<c@x.example>",)


@pytest.mark.parametrize(
    "unit", ["<a ", "<!--", "<style>", "<!", "<div>", "regards\n", "> \n", "\n", "(", "=?utf-8?q?a?= "]
)
@pytest.mark.parametrize(
    "head", ["Content-Type: text/html\n\n<p>", "Content-Type: text/plain\n\n", "X: ", "From: ", "Subject: "]
)
def test_no_mail_takes_long(head: str, unit: str) -> None:
    sender = "" if head.startswith("From") else "From: maria@partner.example\n"
    raw = f"{sender}{head}{unit * (1_000_000 // len(unit))}>".encode()
    start = time.process_time()
    read_mail(raw, OWN)
    assert time.process_time() - start < 5, "anybody can send one"
