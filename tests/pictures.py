"""A site that has pictures too."""

import io

from aiohttp import web
from PIL import Image

from tests.service.room import Site


class Pictures(Site):
    """Any address ``/pictures/<number>`` is a picture, each another one."""

    def _answer(self, request: web.Request) -> web.Response:
        if not request.path.startswith("/pictures/"):
            return super()._answer(request)
        number = int(request.path.removeprefix("/pictures/"))
        image = Image.radial_gradient("L").rotate(number).resize((640, 360)).convert("RGB")
        data = io.BytesIO()
        image.save(data, "PNG")
        return web.Response(body=data.getvalue(), content_type="image/png")

    def figure(self, number: int, caption: str = "") -> str:
        """A picture in a story."""
        image = f'<img src="{self.base}/pictures/{number}" alt="A slope" width="640" height="360">'
        return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
