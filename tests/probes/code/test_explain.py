"""`assay endpoints` and `assay explain` on a small application that has each verdict once: whole outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from assay.entry import main
from assay.probes.code.model import Verdict
from tests.probes.code.flow.apps import app
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {path: re.sub(r"  # expect: .*", "", text) for path, text in app("every_verdict").items()}
    root = write_tree(tmp_path / "shop", files)
    monkeypatch.chdir(root)
    return root


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("shop")
def test_the_table_of_endpoints_has_each_verdict_once(capsys: pytest.CaptureFixture[str]) -> None:
    table = told(["endpoints"], capsys)
    assert (
        table
        == """\
METHOD  PATH                      VERDICT        CONFIDENCE  WHERE
GET     /version                  static         high        shop/main.py:11
GET     /recommendations          unknown        low         shop/main.py:16
GET     /archive                  unwired        medium      shop/main.py:21
POST    /api/orders               real           high        shop/orders.py:13
PUT     /api/orders/{order_id}    lossy          high        shop/orders.py:18
GET     /api/orders               fallback       high        shop/orders.py:24
GET     /api/orders/statistics    mock           high        shop/orders.py:32
PUT     /api/orders/carts/{name}  volatile       high        shop/orders.py:37
GET     /api/orders/export        unimplemented  high        shop/orders.py:43
GET     /api/orders/invoice       broken         high        shop/orders.py:48
"""
    )
    assert sorted(line.split()[2] for line in table.splitlines()[1:]) == sorted(Verdict)


CHAINS: Final = {
    ("GET", "/version"): """\
GET /version: static (high confidence)
  because the path is about the service itself; the answer is only text and flags
  shop/main.py:11 route GET /version
      @app.get("/version")
  shop/main.py:12 handler `version`
      def version():
  shop/main.py:13 a literal
      return {"version": "1.4.0"}
""",
    ("GET", "/recommendations"): """\
GET /recommendations: unknown (low confidence)
  because it depends on calls that are not known: recommender.Engine.recommend
  shop/main.py:16 route GET /recommendations
      @app.get("/recommendations")
  shop/main.py:17 handler `recommendations`
      def recommendations(customer: str):
  shop/main.py:18 what `recommender.Engine.recommend` gives is not known
      return recommender.Engine().recommend(customer)
""",
    ("GET", "/archive"): """\
GET /archive: unwired (medium confidence)
  because it is never mounted on an application that is served
  as it is written: mock, because most of the answer is literal numbers or dates
  shop/main.py:21 route GET /archive
      @archive.get("/archive")
  shop/main.py:21 is never mounted on an application that is served
  shop/main.py:22 handler `archived`
      def archived():
  shop/main.py:23 the literal
      return {"years": [2019, 2020]}
  error[unmounted-router] GET /archive is never mounted on an application that is served
""",
    ("POST", "/api/orders"): """\
POST /api/orders: real (high confidence)
  because it writes to a store and commits
  shop/orders.py:13 route POST /api/orders
      @router.post("")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:14 handler `create`
      def create(order: dict, session: Session = Depends(get_session)):
  shop/orders.py:15 calls `create`
      return OrderService(session).create(order)
  shop/service.py:10 writes `Order` (sqlalchemy)
      self.session.add(row)
  shop/service.py:11 commits
      self.session.commit()
  shop/orders.py:15 answers success
      return OrderService(session).create(order)
""",
    ("PUT", "/api/orders/{order_id}"): """\
PUT /api/orders/{order_id}: lossy (high confidence)
  because the write is never committed
  shop/orders.py:18 route PUT /api/orders/{order_id}
      @router.put("/{order_id}")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:19 handler `change`
      def change(order_id: int, customer: str, session: Session = Depends(get_session)):
  shop/orders.py:20 writes `Order`, but nothing commits it
      session.get(Order, order_id).customer = customer
  shop/orders.py:21 answers success
      return {"changed": order_id}
  error[success-without-write] PUT /api/orders/{order_id} reports success and keeps nothing: \
the write is never committed
""",
    ("GET", "/api/orders"): """\
GET /api/orders: fallback (high confidence)
  because when the store fails, it answers success all the same
  shop/orders.py:24 route GET /api/orders
      @router.get("")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:25 handler `every_order`
      def every_order(session: Session = Depends(get_session)):
  shop/orders.py:27 this call of sqlalchemy may fail
      return session.scalars(select(Order)).all()
  shop/orders.py:28 the failure is caught here
      except SQLAlchemyError:
  shop/orders.py:29 answers success
      return []
  error[fallback-on-db-error] GET /api/orders hides that the store gave nothing: \
when the store fails, it answers success all the same
""",
    ("GET", "/api/orders/statistics"): """\
GET /api/orders/statistics: mock (high confidence)
  because a store is injected and not used; measures are literal numbers
  shop/orders.py:32 route GET /api/orders/statistics
      @router.get("/statistics")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:33 handler `statistics`
      def statistics(session: Session = Depends(get_session)):
  shop/orders.py:34 the literal
      return {"total": 1284, "average": 42.5, "growth": 0.12}
  error[mock-data] GET /api/orders/statistics answers with invented data: a store is injected and not used
""",
    ("PUT", "/api/orders/carts/{name}"): """\
PUT /api/orders/carts/{name}: volatile (high confidence)
  because its state lives in process memory
  shop/orders.py:37 route PUT /api/orders/carts/{name}
      @router.put("/carts/{name}")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:38 handler `cart`
      def cart(name: str, content: dict):
  shop/orders.py:39 writes to memory that ends with the process
      carts[name] = content
  shop/orders.py:40 answers success
      return {"kept": name}
  error[volatile-state] PUT /api/orders/carts/{name} keeps its state in process memory (`carts`)
""",
    ("GET", "/api/orders/export"): """\
GET /api/orders/export: unimplemented (high confidence)
  because it refuses with 501
  shop/orders.py:43 route GET /api/orders/export
      @router.get("/export")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:44 handler `export`
      def export():
  shop/orders.py:45 refuses
      raise HTTPException(status_code=501)
""",
    ("GET", "/api/orders/invoice"): """\
GET /api/orders/invoice: broken (high confidence)
  because `render` is not defined
  as it is written: real, because stored data reaches the answer
  shop/orders.py:48 route GET /api/orders/invoice
      @router.get("/invoice")
  shop/main.py:7 its router is mounted here
      app.include_router(router, prefix="/api")
  shop/orders.py:49 handler `invoice`
      def invoice(order_id: int, session: Session = Depends(get_session)):
  shop/orders.py:50 `render` is not defined
      return render(session.get(Order, order_id))
  error[broken-handler] GET /api/orders/invoice can only fail: `render` is not defined
""",
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("method", "path"), CHAINS, ids=[" ".join(key) for key in CHAINS])
def test_each_verdict_is_explained_from_the_route_to_where_the_data_comes_from(
    method: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(["explain", method, path], capsys) == CHAINS[method, path]
