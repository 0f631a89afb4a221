"""All that touches the world: network, database, files. Its faults become typed values or typed errors here."""
