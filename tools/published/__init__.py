"""What tools/corpus.py does with a document beside counting: unpacks it, reads back, asks for opinions."""
