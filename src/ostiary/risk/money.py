"""When an action moves money or commits somebody to pay. These cases are tried before all others."""

from __future__ import annotations

from typing import Final

from ostiary.risk import nouns
from ostiary.risk.case import case
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade, things
from ostiary.risk.risk import RiskClass

__all__ = ["CASES", "SPENDING"]

_FINANCIAL, _WRITE = RiskClass.FINANCIAL, RiskClass.WRITE
_SHOPS: Final = (Trade.MONEY, Trade.MARKET)

SPENDING: Final = frozenset(Family) - {Family.LOOK, Family.DERIVE, Family.ASK, Family.QUERY, Family.DRIVE}
"""Verbs of these families move money where their object is money; to look at money is to read."""

_PAYING: Final = "onramp offramp pay refund payout disburse remit reimburse topup donate purchase buy repay"
_MOVING: Final = (
    "create make send initiate process execute submit issue capture trigger perform transfer move approve "
    "confirm start "
    "authorize release schedule request complete finalize place collect order cancel void reverse retry "
    "resend revert draw "
    "call begin run generate reverse new post accept exit force adjust"
)
_BILLED: Final = (
    "create cancel update resume pause start upgrade downgrade change activate renew modify delete suspend "
    "reactivate end "
    "terminate revise add extend stop edit"
)
_ORDERING: Final = (
    "place submit create send execute cancel replace modify amend close make issue capture complete confirm "
    "add put process "
    "fulfil fulfill adjust exit finalize edit approve authorize"
)

_MOVES: Final = (_FINANCIAL, 3, "it moves money or commits somebody to pay")
_MAY: Final = (_FINANCIAL, 2, "it may move money")
_TRADES: Final = (_FINANCIAL, 3, "it makes a trade or changes one")
_BILLS: Final = (_FINANCIAL, 3, "it changes what somebody is billed")
_ORDERS: Final = (_FINANCIAL, 3, "an order commits somebody to pay or to deliver")
_INVOICED: Final = (_FINANCIAL, 3, "an invoice that is sent, finalised or paid is a demand for money")
_ABOUT: Final = (_WRITE, 2, "it keeps something about money, and moves none")

_BESIDE: Final = things(
    "method account report setting settings config configuration template type rule category webhook detail "
    "reminder term "
    "terms profile page customer contact form field database table history note memo notification product price plan "
    "coupon tier tracking shipment metadata address method methods label tag column property gateway policy alert item"
)
"""What stands beside money: defining it moves none."""

_MAYBE: Final = things(
    "token coin transaction settlement cash crypto credits mandate wire bill money fund funds eth sol"
)
_COINS: Final = things(
    "erc erc20 erc721 erc1155 nft nfts eth ether ethereum sol solana btc bitcoin sats usdc usdt dai crypto "
    "cryptocurrency spl xrp lamports wei stablecoin stablecoins trx bnb matic ton doge ltc"
)
_CERTAIN: Final = nouns.MONEY - _MAYBE - {"balance", "tip"}

CASES: Final = (
    case(_BILLS, verbs=_BILLED, objects="subscription subscriptions", unless=_BESIDE, trades=[Trade.MONEY]),
    case(
        _BILLS,
        verbs="cancel upgrade downgrade renew",
        objects="subscription",
        unless="topic webhook notification email event feed resource graphql",
    ),
    case(
        _ABOUT,
        verbs="create define update add edit register set notify remind",
        objects=_BESIDE
        & things(
            "method account product price plan coupon tier tracking shipment reminder template webhook "
            "metadata note history category"
        ),
        unless="charge",
        trades=[Trade.MONEY],
    ),
    case(_ABOUT, verbs="notify remind email", objects=_CERTAIN),
    case(_MOVES, verbs="withdraw deposit fund wire stake unstake tip settle", trades=_SHOPS),
    case(_MOVES, verbs="withdraw deposit wire charge fund tip", objects=nouns.MONEY | {"card", "customer", "amount"}),
    case((_FINANCIAL, 2, "it charges somebody"), verbs="charge", unless="battery device vehicle car"),
    case((_FINANCIAL, 3, "it pays"), verbs=_PAYING, unless="attention"),
    case(
        _MAY,
        verbs="checkout",
        objects="cart payment session basket order",
    ),
    case(_MAY, verbs="checkout", trades=_SHOPS, unless="branch branches item repository commit revision"),
    case(_ORDERS, verbs=_ORDERING, objects="order orders", unless="draft list sort column", trades=_SHOPS),
    case(_ORDERS, verbs="place submit", objects="order orders bet bid cart trade trades wager"),
    case(
        _MAY, verbs="create complete capture confirm cancel process finalize execute", objects="order", unless=_BESIDE
    ),
    case(
        _INVOICED,
        verbs="send finalize finalise pay collect process settle charge issue complete cancel void",
        objects="invoice invoices",
        unless=_BESIDE - {"customer"},
    ),
    case(_TRADES, verbs="mint burn swap bridge stake", objects="nft nfts token tokens coins"),
    case(_TRADES, verbs="sell bid liquidate trade unstake hedge", unless="off"),
    case(
        _TRADES, verbs="exchange", objects="token tokens coins", unless=_BESIDE | {"access", "auth", "code", "refresh"}
    ),
    case(
        _TRADES,
        verbs="swap bridge borrow lend mint stake short invest rebalance bet approve deploy sign_and_send redeem "
        "bet vote_gauge repay_loan wrap unwrap",
        objects="",
        trades=[Trade.MARKET],
        unless="app site service contract_source function strategy webhook issue pull request change",
    ),
    case(
        _TRADES,
        verbs="close open cancel reduce set change update modify adjust",
        objects="position positions leverage margin",
        trades=[Trade.MARKET],
    ),
    case(_TRADES, verbs=_MOVING, objects="swap trade trades bet position offer bid loan", trades=[Trade.MARKET]),
    case(
        _MAY,
        verbs="write call execute send invoke broadcast sign",
        objects="contract transaction transactions message_onchain",
        unless="read view message",
        trades=[Trade.MARKET],
    ),
    case(
        _MOVES,
        verbs="transfer send move",
        objects=nouns.MONEY | {"erc20", "nft", "asset", "usdt", "xrp", "payment", "spl", "native"},
        unless=_BESIDE,
        trades=_SHOPS,
    ),
    case(
        _MOVES, verbs="transfer send withdraw deposit wrap unwrap sweep", objects=_COINS, unless=_BESIDE | {"message"}
    ),
    case(_MOVES, verbs="sweep", trades=[Trade.MARKET]),
    case(_TRADES, verbs="limit", objects="order orders", trades=[Trade.MARKET]),
    case(
        _TRADES,
        verbs="set attach add modify update place stop",
        objects="loss profit tp sl stoploss takeprofit trailing",
        trades=[Trade.MARKET],
    ),
    case(_TRADES, verbs="bet wager"),
    case(_TRADES, verbs="add remove provide increase decrease supply withdraw", objects="liquidity"),
    case(
        _TRADES,
        verbs="claim harvest compound redeem",
        objects="reward rewards fees yield airdrop",
        trades=[Trade.MARKET],
    ),
    case(_TRADES, verbs="supply", trades=[Trade.MARKET]),
    case(
        (_FINANCIAL, 2, "it changes what somebody is billed"),
        verbs="upgrade downgrade",
        objects="plan tier",
        unless="task",
    ),
    case(
        (_FINANCIAL, 2, "it changes what somebody is billed"),
        verbs="change switch",
        objects="plan",
        trades=[Trade.MONEY],
    ),
    case(_TRADES, verbs="exit close liquidate", objects="trade trades", unless=_BESIDE),
    case((_FINANCIAL, 2, "it rents"), verbs="rent lease hire", unless=_BESIDE | {"employee", "candidate"}),
    case(_TRADES, verbs="execute perform make do", objects="swap trade trades purchase", unless=_BESIDE),
    case(_MOVES, verbs="transfer", trades=_SHOPS, unless="file ownership domain call data"),
    case(_MOVES, verbs="transfer", objects="money funds fund payment balance"),
    case(_MOVES, verbs=_MOVING, objects=_CERTAIN, unless=_BESIDE),
    case(
        _MAY,
        verbs=_MOVING,
        objects=_MAYBE - {"token", "coin"},
        unless=_BESIDE | things("api access auth refresh bot card bearer design"),
        trades=[Trade.MONEY],
    ),
    case(_MOVES, verbs="make send call", objects="paid"),
    case(_MAY, verbs="make send call execute invoke", objects="api request", trades=[Trade.MONEY], unless="message"),
    case((_FINANCIAL, 2, "it takes a liability on"), verbs="accept concede", objects="dispute chargeback"),
    case(
        (_FINANCIAL, 2, "it buys"),
        verbs="register renew transfer",
        objects="domain domains",
        unless="name_server dns controller",
        trades=(),
    ),
    case(
        (_FINANCIAL, 2, "a booking commits somebody to pay"),
        verbs="book reserve create make confirm request cancel",
        objects="flight hotel room ride booking ticket_purchase stay rental",
        unless="type calendar meeting",
    ),
    case((_FINANCIAL, 2, "an order commits somebody to pay"), verbs="order", unless="by items list tasks"),
)
"""In the order in which they are tried; the first that applies decides."""
