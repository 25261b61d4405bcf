"""What holds a submission: identity, limits, Landlock, seccomp, namespaces; and the rung that was reached."""
