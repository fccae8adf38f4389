if a:
  b = """c
d"""
  e = f"""x
{y}"""

else:
  c = (1,
    2)  # d
