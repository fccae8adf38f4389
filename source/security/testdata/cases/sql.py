"select a from b " + x
"select %s from t" % x
"select a from b"
x = "select a from " + t + " where"
"select " + a + " from " + b
"delete from " + t
"delete  from x" + t
"insert into t values " + t
"insert into {} values (1)".format(t)
"update t set x = {}".format(y)
f"select {a} from t "
f"select a from {t} where"
f"insert into {t} values "
cur.execute("select a from t where x = '%s' " % y)
cur.executemany("delete from t where " + y)
execute("select a from t " + y)
cur.execute("select a from {} ".format(t))
cur.execute(f"select a from t {x}")
cur.execute("select a " + x + " from t" + y + z)
cur.run("select a from t " % y)
cur.execute("select a from t " + y, z)
cur.execute(("select a from t " + y))
"SELECT a FROM b " % x; "select\n* from\nb\n" % x
"selected from b " + x
"""select a
from b
""" + x
"select a from b ".join(x)
"select a from b ".format
y = a + "select a from t " + b
y = (a + b) + ("select " + c) + " from t "
y = "select " + ("a from " + b) + " x "
x = f"""
select {a}
from t
"""
not_sql = "hello " + x
"select a from b " == x
"update x set " * 3
f"{'select a from b ' + x}"
cur.execute("select \u00a0 from b\u2003" + x)
