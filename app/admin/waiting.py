"""The page of what waits: events that belong to no order or return yet, with the keys they wait under."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import text
