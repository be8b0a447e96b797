from programmes.scheduling.enums import StageKind
from programmes.workstreams.rules import Overall

FINISHED = "finished"
STAGES = {**dict(StageKind.choices), FINISHED: "All stages finished"}
# Worst first, of programmes that run; the columns of the strip and the choices of the filter.
OVERALLS = (
    Overall.RED,
    Overall.NOT_KNOWN,
    Overall.AMBER_OR_WORSE,
    Overall.AMBER,
    Overall.GREEN,
    Overall.NOT_DUE,
    Overall.NONE,
)
UNRATED = (Overall.NOT_DUE, Overall.NONE)
