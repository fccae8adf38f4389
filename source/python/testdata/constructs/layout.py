# comment

if a:
	b  # tab
	if c:
	        d
	# comment at another column
        # and another

	e
elif f :
  g;

  h
class A:

    # only a comment first

    def b(self):
        pass
    # comment after


    x = (
1,
      # comment
  2)
  
if True:
    a = 1 ; b = 2 ;
 # odd comment
for \
  x in \
  y: pass
 
@d

class B: pass
x = [
]
def f():
    return (yield)

    # end
