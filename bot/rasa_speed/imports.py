"""TensorFlow, scikit-learn and Matplotlib are not loaded before something uses them; nothing does.

Stock loads them with the modules that train and test models, which take three quarters of the time that the server
needs to start, and hundreds of megabytes. Those modules are put off: whoever uses one of them gets it, loaded then. And
of a model that is loaded to be served, stock reads how it was trained, and loads every component that can take part in
a training; that part is left out.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import Any, Dict, Tuple

PUT_OFF: Dict[str, Tuple[str, ...]] = {
    "rasa.utils.train_utils": (),
    "rasa.core.test": ("test",),
    "rasa.nlu.test": ("CVEvaluationResult",),
}
"""Modules, and the names in them that other modules take while they are loaded themselves."""


class Later(ModuleType):
    """Stands for a module until something in it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in PUT_OFF[self.__name__]:
            return _later(self.__name__, name)
        return getattr(_load(self.__name__), name)


def _load(name: str) -> ModuleType:
    if isinstance(sys.modules.get(name), Later):
        del sys.modules[name]
    return importlib.import_module(name)


def _later(module: str, name: str) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(_load(module), name)(*arguments, **named)

    return call


def apply() -> None:
    """Put it in place; before Rasa's server is imported."""
    for name in [name for name in os.environ if name.startswith("TF_")]:  # Rasa loads TensorFlow to tell it of these
        del os.environ[name]
    for name in PUT_OFF:
        if name not in sys.modules:
            sys.modules[name] = Later(name)
    from rasa.engine.storage.storage import ModelMetadata

    stock = ModelMetadata.from_dict.__func__

    def from_dict(kind: Any, serialized: Dict[str, Any]) -> ModelMetadata:
        return stock(kind, {**serialized, "train_schema": {"nodes": {}}})

    ModelMetadata.from_dict = classmethod(from_dict)
