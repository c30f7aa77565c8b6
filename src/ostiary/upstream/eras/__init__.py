"""Between the eras: an agent of one and a server of the other."""
