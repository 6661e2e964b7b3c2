"""How well tools are called: BFCL's questions, asked of this node and of llama.cpp's own server."""
