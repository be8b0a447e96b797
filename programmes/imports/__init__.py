"""Many rows at once: files that become workstreams, milestones or risks of a programme, changes of several workstreams, and
lists as files. What a row is and who may change it belongs to the rooms below, through whose ``changes`` all is written."""
