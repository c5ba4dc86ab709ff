"""What lasts: the tables, their encryption, their migrations."""

from bot.store import desk_tables as desk_tables  # whoever knows one table knows them all
