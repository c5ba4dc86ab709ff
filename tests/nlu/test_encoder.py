"""The optional transformer, with a tiny one made here: in the dialogue environment, which has the libraries."""

from __future__ import annotations

import subprocess

import pytest

from tests.nlu.training_lines import ROOT

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MAKE = """
import sys
from pathlib import Path
from transformers import BertConfig, BertTokenizer, TFBertModel
folder = Path(sys.argv[1])
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
(folder / "vocab.txt").write_text("\\n".join(words))
BertTokenizer(str(folder / "vocab.txt")).save_pretrained(str(folder))
small = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
model = TFBertModel(BertConfig(vocab_size=len(words), **small))
model(model.dummy_inputs)
model.save_pretrained(str(folder))
"""
USE = """
import sys
from pathlib import Path
import numpy as np
from bot.nlu.concepts import Concepts
from bot.nlu.encoder import Encoder
from bot.nlu.understanding import Understanding
encoder = Encoder.load(Path(sys.argv[1]))
vectors = encoder.encode(["hello", "they took my passport", "hello"])
assert vectors.shape == (3, 16) and vectors.dtype == np.float32
assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5) and np.allclose(vectors[0], vectors[2], atol=1e-5)
texts = [f"{a} {b}" for a in ("hello", "good day", "hi there") for b in ("sir", "you", "all")]
texts += [f"{a} {b}" for a in ("pay", "wage", "salary") for b in ("late", "cut", "none")]
model = Understanding.train(texts, ["greet"] * 9 + ["ask_wages"] * 9, ["en"] * 18, Concepts({}), encoder)
out = Path(sys.argv[2])
model.save(out)
again = Understanding.load(out, encoder)
assert model.read("salary late", "en") == again.read("salary late", "en")
print(again.read("salary late", "en").ranking[0][0], again.vectors.width, len(again.coefficients.steps))
"""


def _run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-W", "ignore", "-c", code, *arguments], cwd=ROOT, text=True, capture_output=True, check=False
    )


def test_a_tiny_transformer_is_loaded_trained_with_and_loaded_again(tmp_path):
    folder, out = tmp_path / "tiny", tmp_path / "model"
    folder.mkdir()
    out.mkdir()
    made = _run(MAKE, str(folder))
    assert made.returncode == 0, made.stderr[-2000:]
    used = _run(USE, str(folder), str(out))
    assert used.returncode == 0, used.stderr[-2000:]
    intent, width, rows = used.stdout.split()[-3:]
    assert intent == "ask_wages"
    assert int(rows) == int(width) + 16


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_a_model_says_what_is_missing(tmp_path, name):
    (tmp_path / "empty").mkdir()
    done = _run("import sys; from pathlib import Path; from bot.nlu.encoder import Encoder; Encoder.load(Path(sys.argv[1]))",
                str(tmp_path / name))  # fmt: skip
    assert done.returncode == 1
    assert "needs config.json" in done.stderr
