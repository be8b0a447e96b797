"""Who can be signed in as in the demo, and where each starts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """A person of the demo's story. ``path`` is the page that their role starts at."""

    email: str
    name: str
    role: str
    path: str


DEMO_SIGN_INS = (
    DemoSignIn("priya@example.org", "Priya Shah", "programme manager", "/my-week/"),
    DemoSignIn("helen@example.org", "Helen Osei", "chief information officer", "/portfolios/"),
    DemoSignIn("sam@example.org", "Sam Carter", "response officer, asked in a consultation", "/my-tasks/"),
    DemoSignIn("leah@example.org", "Leah Brooks", "call taker, halfway through her answers", "/my-tasks/"),
    DemoSignIn("grace@example.org", "Grace Adeyemi", "programme manager, running a review", "/my-week/"),
    DemoSignIn("imran@example.org", "Imran Qureshi", "workstream lead", "/my-week/"),
    DemoSignIn("iris@example.org", "Iris Halloran", "clerk of the Chief Constable, records decisions", "/decisions/"),
    DemoSignIn("rowan@example.org", "Rowan Ellis", "commissioner's office, read-only", "/portfolios/"),
    DemoSignIn("alex@example.org", "Alex Morgan", "administrator", "/people/"),
    DemoSignIn(
        "hale@example.org",
        "Rowan Hale (illustrative)",
        "chief information officer, the case of 2012",
        "/portfolios/",
    ),
    DemoSignIn(
        "flint@example.org", "Marian Flint (illustrative)", "clerk of the offices, the case of 2012", "/decisions/"
    ),
    DemoSignIn("moss@example.org", "Jude Moss (illustrative)", "moderator, the case of 2012", "/moderation/"),
    DemoSignIn(
        "harbour-1@example.org",
        "Tess Harbour (fictional)",
        "contact of a partner, the case of 2012",
        "/your-organisation/",
    ),
)
