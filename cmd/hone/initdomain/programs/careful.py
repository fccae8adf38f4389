def task_program():
    litres = 10
    for bed in all_beds():
        go_to(bed)
        if moisture() < 40:
            if litres < 2:
                go_to("tap")
                refill()
                litres = 10
                go_to(bed)
            water(2)
            litres -= 2
