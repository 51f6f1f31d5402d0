"""Notices from the API into the chats: claimed, said in the reader's language, sent or edited, answered for."""
