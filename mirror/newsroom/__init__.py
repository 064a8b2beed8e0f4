"""The Harbour Courier: a newspaper that does not exist, with the habits of ones that do.

For the demo and for tests. Its town, people and stories are made up; its pages carry what
real newsrooms put around an article, so that a mirror shows whether it can tell the two apart.
"""
