"""Text → Policy → Decision. Pure: no I/O, no clock; the same policy and call give the same decision."""
