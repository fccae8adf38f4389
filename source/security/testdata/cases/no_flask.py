app.run(debug=True)
RawSQL(x)
client.exec_command(x)
mark_safe(x)
