"""The families of verbs: what a verb does to its object."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Family"]


class Family(StrEnum):
    """What a verb does to its object."""

    LOOK = "look"  # returns what is there
    DERIVE = "derive"  # computes from what it is given
    ASK = "ask"  # puts a question to a model
    MAKE = "make"  # something new
    PRODUCE = "produce"  # makes something out of what it is given: a text, or a thing
    CHANGE = "change"
    TELL = "tell"  # reaches people
    HIDE = "hide"  # out of the way, and can come back
    DETACH = "detach"  # takes one thing from another
    DESTROY = "destroy"
    VOID = "void"  # makes something empty
    END = "end"  # kills what runs or is valid
    CANCEL = "cancel"
    UNDO = "undo"
    RUN = "run"
    CONTROL = "control"  # starts, stops, pauses
    DRIVE = "drive"  # a browser or a device
    MOTION = "motion"  # of a machine or a figure
    PLAY = "play"  # a device, in some servers
    ROLL = "roll"  # brings something into effect: deploy, build, install
    QUERY = "query"
    PAY = "pay"
    TRADE = "trade"
    ORDER = "order"  # pays where its object is money
    MOVE = "move"
    MANAGE = "manage"
    ADMIT = "admit"  # approves, rejects
