import flask
from flask import Flask
from jinja2 import Environment, select_autoescape
import jinja2
from mako.template import Template
import mako.template
from mako import template
from django.db.models.expressions import RawSQL
app.run(debug=True); app.run(debug=False); app.run(); run(debug=True); flask.run(debug="True"); app.run(host=h,
    debug=True); app.x.run(debug=x.True_)
Environment(); Environment(autoescape=True); Environment(autoescape=False); Environment(autoescape=select_autoescape()); Environment(autoescape=x); jinja2.Environment(loader=f(autoescape=True)); jinja2.Environment(autoescape=jinja2.select_autoescape(x)); jinja2.Environment(autoescape=0); jinja2.Environment(x(autoescape=False), autoescape=True); jinja2.Environment(a=x(autoescape=True), b=1); jinja2.Environment(autoescape="x", **k); jinja2.sandbox.Environment(); other.Environment(); jinja2.Environment(autoescape=None)
jinja2.Environment(
    autoescape=False)
Template("x"); mako.template.Template(x); template.Template(x); other.Template(x)
q.extra(where=["a"]); q.extra(where=["%s" % x]); q.extra(select={"a": "b"}); q.extra(select={a: "b"}); q.extra(select={"a": b}); q.extra(select=x); q.extra(tables=x); q.extra(); q.extra({"a": "b"}, ["w"], p, ["t"], "o", s); q.extra({"a": "b"}, x); q.extra(order_by=x); extra(where=("a",)); q.extra(**k); q.extra(select={**x}); q.extra(where=[], tables=[])
RawSQL("select"); RawSQL(x); RawSQL(); RawSQL("a" % b, c); m.RawSQL(sql=x)
