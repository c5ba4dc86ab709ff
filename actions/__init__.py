"""Rasa custom actions, one file per capability.

Each takes what she wrote (`Understood`) and what is known of her (`Turn`), and hands back a `Step`. No texts, no database and
no rules of any country here: texts are phrase keys, facts come from the knowledge, changes are effects that the conversation
carries out.
"""
