# Sourced by the commands beside it: finds Python, makes the virtual environment, sets ROOT and PYTHON.
# LOCK names the lock to install: main or dev.
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for candidate in "${PORTAL_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        FOUND=$candidate
        break
    fi
done
if [ -z "${FOUND:-}" ]; then
    echo "需要 Python 3.11、3.12 或 3.13。请先安装，再重新运行本命令。" >&2
    echo "Python 3.11, 3.12 or 3.13 is needed. Install one, then run this command again." >&2
    exit 1
fi
"$FOUND" -I "$ROOT/portal/runtime/install.py" "$LOCK"
PYTHON=$ROOT/.venv/bin/python
PYTHONPATH=$ROOT${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
