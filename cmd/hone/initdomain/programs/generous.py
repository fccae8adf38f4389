def task_program():
    for bed in all_beds():
        go_to(bed)
        if moisture() <= 40:
            go_to("tap")
            refill()
            go_to(bed)
            water(2)
