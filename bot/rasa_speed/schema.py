"""The schema of an action's answer is checked against the schema of schemas once, not at every answer.

Stock calls `jsonschema.validate`, which first validates the schema itself: a constant of Rasa, and more than half of
the time that a message takes. What an action answered is still checked in full, by the same validator with the same
error.
"""

from __future__ import annotations

from typing import Any, Dict

import jsonschema
from jsonschema.exceptions import best_match
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL


def apply() -> None:
    """Put it in place."""
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def validate(_self: RemoteAction, result: Dict[str, Any]) -> bool:
        error = best_match(validator.iter_errors(result))
        if error is None:
            return True
        error.message += (
            ". Failed to validate Action server response from API, make sure your response from the Action endpoint is valid. "
            f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error

    RemoteAction._validate_action_result = validate
