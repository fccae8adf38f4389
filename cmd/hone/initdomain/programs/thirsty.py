def task_program():
    for bed in all_beds():
        go_to(bed)
        if moisture() < 40:
            water(2)
