# SPDX-License-Identifier: Apache-2.0
"""The failures of op: a line on stderr, nothing on stdout."""

import time


class Failure(Exception):
    """`message` follows `[ERROR] <time> `; `usage` adds a Usage block; `before` precedes the line; a panic is Go's own
    text alone."""

    def __init__(self, message, code=1, usage="", before="", panic=False):
        super().__init__(message)
        self.message, self.code, self.usage, self.before, self.panic = message, code, usage, before, panic

    def text(self):
        if self.panic:
            return self.message
        line = f"[ERROR] {time.strftime('%Y/%m/%d %H:%M:%S')} {self.message}\n"
        return self.before + line + (f"Usage:  {self.usage}\n" if self.usage else "")


SIGNED_OUT = "You are not currently signed in. Please run `op signin --help` for instructions"
NO_ACCOUNTS = (
    "No accounts configured for use with 1Password CLI.\n"
    "  • Turn on the app integration in the 1Password app, under Settings > Developer.\n"
    "  • Or add an account with `op account add`.\n")
SEVERAL_ACCOUNTS = ("multiple accounts found. Use the --account flag or set the OP_ACCOUNT environment variable to "
                    "select an account.")
LOCKED = "1Password app is locked. Please open 1Password, unlock it with your password, and then try again"
SERVICE_ACCOUNT_VAULT = ("a vault query must be provided when this command is called by a service account. Please "
                         "specify one either through the --vault flag or through piped input")
SERVICE_ACCOUNT_DELETED = (
    "error initializing client: Authentication: (failed to auth.LookupAuth), Network: (failed to "
    "request.DoUnencrypted), Server: (403) (Forbidden (Service Account Deleted)), The Service Account used in this "
    "integration has been deleted.")
SERVICE_ACCOUNT_MALFORMED = (
    "error initializing client: Validation: (failed to session.DecodeSACredentials), Server: (failed to "
    "DecodeSACredentials), illegal base64 data at input byte 12")

# The message that a knob of that name gives for every command that needs an account.
SESSION_KNOBS = {
    "not-signed-in": SIGNED_OUT,
    "session-expired": "session expired, sign in to create a new session",
    "locked": "error initializing client: " + LOCKED,
    "app-absent": "error initializing client: connecting to desktop app: cannot connect to 1Password app, make sure it "
                  "is running",
    "app-reset": "error initializing client: connecting to desktop app: read: connection reset",
    "delegated-session": "error initializing client: RequestDelegatedSession: cannot setup session. Please check the "
                         "logs of the 1Password app.",
    "several-accounts": SEVERAL_ACCOUNTS,
    "offline": 'error initializing client: authenticating with the server: Post "https://my.1password.com/api/v3/auth/'
               'start": dial tcp: lookup my.1password.com: no such host',
    "deadline": "error initializing client: read: context deadline exceeded",
    "rate-limited": "Too many requests. Your client has been rate-limited. Try again in 31 seconds",
    "rate-limited-2023": "(429) Too Many Requests: You've reached the maximum number of this type of requests this "
                         "service account is allowed to make. Please retry in 58 minutes or try other requests.",
    "forbidden": "(403) Forbidden: You aren't authorized to access this resource.",
    "no-permission": "(101) You do not have permission to perform this action",
    "unauthorized": "(401) Unauthorized: invalid bearer token",
}
CONFLICT = "unable to process line 1: DB: (409) (Conflict), Internal server conflict."
PANIC = ("panic: runtime error: invalid memory address or nil pointer dereference\n"
         "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x0]\n\ngoroutine 1 [running]:\n")
