"""A small support desk as an MCP server over stdio: `python -m ostiary.demo.server DESK.db`.

It trusts whoever calls it, as most servers do: amounts are not checked, and a report is whatever SQL it is given.
Keeping an agent within bounds is not its job; that is what stands before it.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from ostiary.demo.desk import journalled

Row = dict[str, str | int | float | None]


def euros(cents: int) -> str:
    return f"{cents / 100:.2f}"


def rows(cursor: sqlite3.Cursor) -> list[Row]:
    return [dict(row) for row in cursor.fetchall()]


def build(path: Path) -> MCPServer[object]:
    """The server over the desk's file at `path`."""
    server: MCPServer[object] = MCPServer("support-desk", version="1", log_level="ERROR")
    add_reading_tools(server, path)
    add_writing_tools(server, path)
    return server


def add_reading_tools(server: MCPServer[object], path: Path) -> None:
    @server.tool()
    def search_customers(text: str) -> list[Row]:
        """Find customers whose name or e-mail address contains a text."""
        with journalled(path, "search_customers") as desk:
            like = f"%{text}%"
            return rows(desk.execute("SELECT * FROM customers WHERE name LIKE ? OR email LIKE ?", (like, like)))

    @server.tool()
    def list_orders(customer: int, limit: int = 20) -> list[Row]:
        """List a customer's orders, newest first."""
        with journalled(path, "list_orders") as desk:
            query = "SELECT id, item, cents, status FROM orders WHERE customer = ? ORDER BY id DESC LIMIT ?"
            return rows(desk.execute(query, (customer, limit)))

    @server.tool()
    def get_order(order: int) -> Row:
        """Show one order with its notes."""
        with journalled(path, "get_order") as desk:
            found = rows(desk.execute("SELECT * FROM orders WHERE id = ?", (order,)))
        if not found:
            raise ToolError(f"there is no order {order}")
        return found[0]

    @server.tool()
    def run_report(query: str) -> list[Row]:
        """Run a SQL query over customers, orders and refunds."""
        with journalled(path, "run_report") as desk:
            try:
                return rows(desk.execute(query))
            except sqlite3.Error as error:
                raise ToolError(str(error)) from error

    @server.tool()
    def export_all_customers() -> list[Row]:
        """Export every customer with all contact details."""
        with journalled(path, "export_all_customers") as desk:
            return rows(desk.execute("SELECT * FROM customers"))


def add_writing_tools(server: MCPServer[object], path: Path) -> None:
    @server.tool()
    def issue_refund(order: int, amount: float, reason: str) -> str:
        """Refund an amount in euros for an order."""
        with journalled(path, "issue_refund") as desk:
            cents = round(amount * 100)
            desk.execute('INSERT INTO refunds ("order", cents, reason) VALUES (?, ?, ?)', (order, cents, reason))
        return f"Refunded EUR {euros(cents)} for order {order}."

    @server.tool()
    def set_order_status(order: int, status: str) -> str:
        """Set the status of an order."""
        with journalled(path, "set_order_status") as desk:
            desk.execute("UPDATE orders SET status = ? WHERE id = ?", (status, order))
        return f"Order {order} is now {status}."

    @server.tool()
    def update_customer_email(customer: int, email: str) -> str:
        """Change the e-mail address of a customer."""
        with journalled(path, "update_customer_email") as desk:
            desk.execute("UPDATE customers SET email = ? WHERE id = ?", (email, customer))
        return f"Customer {customer} is now reached at {email}."

    @server.tool()
    def delete_customer(customer: int) -> str:
        """Delete a customer for good."""
        with journalled(path, "delete_customer") as desk:
            desk.execute("DELETE FROM customers WHERE id = ?", (customer,))
        return f"Customer {customer} is deleted."


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("usage: python -m ostiary.demo.server DESK.db (an existing file)")
    build(Path(sys.argv[1])).run(transport="stdio")


if __name__ == "__main__":
    main()
