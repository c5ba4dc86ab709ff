"""Servers on loopback that stand in for the providers: they refuse what the providers' published interfaces refuse.

Each is a context manager that runs in a thread of its own:

    with TwilioStandIn() as twilio, TelegramStandIn() as telegram, SmtpStandIn() as smtp:
        settings = load_settings(_env_file=None, **twilio.settings, **telegram.settings, **smtp.settings, ...)

`failures` of each is a list of what goes wrong with the next requests, first one first; see `serving.Failure`.
"""
