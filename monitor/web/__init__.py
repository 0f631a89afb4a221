"""What is served: the page, the API, the metrics. Reads only; the few writes go through the runner's own verbs."""
