"""A person who installs the app with a browser."""

from aiohttp import ClientSession, DummyCookieJar


async def install_in_browser(url: str) -> int:
    """Follow the pages as a browser does that keeps the cookie; gives the last one's status."""
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        async with http.get(url, allow_redirects=False) as page:
            authorize, cookie = page.headers["Location"], page.headers["Set-Cookie"]
        async with http.get(authorize, allow_redirects=False) as page:
            back = page.headers["Location"]
        header = {"Cookie": cookie.partition(";")[0]}
        async with http.get(back, headers=header) as page:
            return page.status
