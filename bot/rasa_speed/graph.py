"""The order in which a model's components run is worked out once, not for every message.

Stock cuts the graph of components down to what is needed, and hands it to Dask's scheduler, three times per message.
The components that are needed, and their order, depend on what is asked for alone. Here they run one after the other,
each once, with the same inputs.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

Plan = List[Tuple[str, Tuple[str, ...]]]
"""Nodes in an order in which all that a node needs comes before it."""


def order(schema: GraphSchema, targets: List[str]) -> Plan:
    """The nodes that `targets` need, and those that each of them needs. What is not a node of the schema is an input."""
    plan: Plan = []
    seen = set()

    def add(name: str) -> None:
        if name in seen or name not in schema.nodes:
            return
        seen.add(name)
        needs = tuple(schema.nodes[name].needs.values())
        for need in needs:
            add(need)
        plan.append((name, needs))

    for target in targets:
        add(target)
    return plan


def apply() -> None:
    """Put it in place."""

    def run(
        self: DaskGraphRunner, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None
    ) -> Dict[str, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        plans: Dict[Tuple[str, ...], Plan] = self.__dict__.setdefault("_kasama_plans", {})
        plan = plans.get(wanted)
        if plan is None:
            plan = plans[wanted] = order(self._graph_schema, list(wanted))
        done: Dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        nodes = self._instantiated_nodes
        try:
            for name, needs in plan:
                # A name alone stands for what is missing, as Dask has it.
                done[name] = nodes[name](*[done.get(need, need) for need in needs])
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {target: done[target][1] for target in wanted}

    DaskGraphRunner.run = run
