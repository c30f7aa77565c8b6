"""A gateway as most are written: it parses, looks at the name, and passes on what came.

The suite has to see through it. Started with the upstream's command as arguments; speaks stdio.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

PERMITTED: Final = ("allowed", "limited", "matched", "pattern")


def refuses(message: Any) -> bool:
    """What a policy check looks like to whoever trusts their parser."""
    if not isinstance(message, dict) or message.get("method") != "tools/call":
        return False
    params = message.get("params", {})
    amount = params.get("arguments", {}).get("amount", 0)
    return params.get("name") not in PERMITTED or (params["name"] == "limited" and amount > 500)


def main() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(sys.argv[1:], stdin=pipe, stdout=sys.stdout) as upstream:
        assert upstream.stdin is not None
        for line in sys.stdin.buffer:
            try:
                message = json.loads(line)
                is_refused = refuses(message)
            except (ValueError, TypeError, AttributeError, RecursionError):
                continue
            if is_refused:
                error = {"code": -32602, "message": "denied"}
                sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "error": error}) + "\n")
                sys.stdout.flush()
            else:
                upstream.stdin.write(line)
                upstream.stdin.flush()


if __name__ == "__main__":
    main()
