f'{a['b']}'; f'{' '.join(c)!r:>{'x'}}'; f"{f"{f"{1}"}"}"
f'{
a  # comment
+ b
}'
f'{a:{b:{c}}}'; f'{'\n'}'; f'{x:{{1}.pop()}}' if 0 else 1
f'{1+2 = # comment
  }'
