# The front door: `make` lists what there is. Everything sets itself up first; nothing but Python 3.11 and make is needed.
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
BIN := .venv/bin
TEMPLATES := $(wildcard config/templates portfolio/templates programmes/templates partners/templates)
JINJA_TEMPLATES := $(wildcard config/jinja2 portfolio/jinja2 programmes/jinja2 partners/jinja2)
SIDE_BY_SIDE := -n auto --maxprocesses 4
export PYTHONUNBUFFERED = 1

.DEFAULT_GOAL := help
.PHONY: help demo case test prove chaos killpoints sabotage check fix bench migrations clean-state set-up set-up-for-tests

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

demo: set-up ## start the product with demo data and print how to sign in (ONCE=1: check it and stop; PORT=8000)
	@$(BIN)/python -m config.demo.run

case: set-up ## replay the real case of 2012 with a real worker and mail server, and check what was sent to whom
	@$(BIN)/python -m config.case.run

test: set-up-for-tests ## run the tests (within ten minutes)
	@$(BIN)/pytest $(SIDE_BY_SIDE)

prove: set-up-for-tests ## run the large harnesses and every journey in a browser
	@$(BIN)/pytest $(SIDE_BY_SIDE) -m "prove or journey"

chaos: set-up-for-tests ## break servers and workers while N reminders go out; count what was lost (N=20000 SEED=7 NO_BROKER=1)
	@$(BIN)/python -m tests.chaos

killpoints: set-up-for-tests ## kill a worker at each named point of a message's way, and show what became of the message
	@$(BIN)/python -m tests.chaos.killpoints

sabotage: set-up-for-tests ## show that the harness catches each sender that is broken on purpose
	@$(BIN)/python -m tests.chaos.sabotage

check: export PORTFOLIO_MODE = test
check: set-up-for-tests ## lint, format, types, contracts, migrations, templates, requirements; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --lint $(TEMPLATES)
	$(BIN)/djlint --lint --profile jinja $(JINJA_TEMPLATES)
	$(BIN)/deptry .

fix: set-up-for-tests ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: set-up-for-tests ## measure the main pages and lists beside a bare view, and mail beside other senders
	@$(BIN)/python -m bench; pages=$$?; $(BIN)/python -m bench.mail && exit $$pages

migrations: export PORTFOLIO_MODE = test
migrations: set-up-for-tests ## write the migrations that the models need
	$(BIN)/python manage.py makemigrations

clean-state: ## delete the demo's database, queue, mailbox and logs
	@$(PYTHON) -m config.embedded.state

set-up: ## make .venv and build the front end, as demo and test do first
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing. Install it: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) config/embedded/bootstrap.py run

set-up-for-tests:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing. Install it: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) config/embedded/bootstrap.py test
