"""Monthly billing for a small service: it ends in an exception, and the cause is not where it is raised.

tttui record examples/billing.py
tttui show --at exception
"""

import sys
from dataclasses import dataclass, field

NEW_ACCOUNT = {"plan": "basic", "balance": 0, "vouchers": []}
PRICES = {"basic": 9, "team": 29, "company": 99}


class BillingError(Exception):
    """The books don't add up."""


@dataclass
class Books:
    accounts: dict[str, dict] = field(default_factory=dict)
    income: int = 0

    def open_account(self, name: str, plan: str) -> dict:
        account = NEW_ACCOUNT.copy()
        account["plan"] = plan
        self.accounts[name] = account
        return account

    def grant_voucher(self, name: str, amount: int) -> None:
        self.accounts[name]["vouchers"].append(amount)

    def bill(self, name: str) -> int:
        account = self.accounts[name]
        due = PRICES[account["plan"]]
        while account["vouchers"]:
            due -= account["vouchers"].pop()
        account["balance"] = due
        return due

    def close_month(self, month: int) -> None:
        for name, account in self.accounts.items():
            paid = self.bill(name)
            self.income += paid
            if account["balance"] < 0:
                raise BillingError(f"month {month}: {name} would get {-account['balance']} back")


def main(months: int) -> None:
    books = Books()
    for name, plan in [("Linus", "basic"), ("Ada", "company"), ("Grace", "team"), ("Barbara", "company")]:
        books.open_account(name, plan)
    for month in range(1, months + 1):
        if month == 3:
            books.grant_voucher("Barbara", 50)
        books.close_month(month)
        print(f"month {month}: income {books.income}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
