"""An import batch's life: uploading, judging, taking, marking, forgetting."""
