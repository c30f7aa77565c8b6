"""Telling people that they are asked: signed webhooks, Slack, mail. Imported when the first one is told."""
