"""The routes of llama.cpp's own server that clients use beside OpenAI's."""
