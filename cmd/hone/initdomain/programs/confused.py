def task_program():
    for bed in robot.beds():
        robot.water(bed, 2)
