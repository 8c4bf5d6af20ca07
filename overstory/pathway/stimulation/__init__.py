"""Stimulation: motor threshold, output, place on the head, sessions, trains, seizure risk, re-measuring."""
