"""What can keep the service from starting, apart from settings and content."""


class ListenError(Exception):
    """The web server's address is taken or not ours."""
