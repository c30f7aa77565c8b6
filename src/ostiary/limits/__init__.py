"""Limits as pure arithmetic: what is booked, the time and the cost in; fits or waits out (policy language: Limits)."""

from ostiary.limits.reserve import Booking, counter_key, release, reserve, settle
from ostiary.limits.tally import Entry, Fits, Tally, Waits

__all__ = ["Booking", "Entry", "Fits", "Tally", "Waits", "counter_key", "release", "reserve", "settle"]
