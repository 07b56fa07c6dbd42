from mag.tasks import print_page


def view(number: int) -> str:
    return print_page.delay(number).id
