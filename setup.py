"The package's metadata is settings.ini; this file only hands it to setuptools."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=["="])
parser.read(here/"settings.ini", encoding="utf-8")
cfg = parser["DEFAULT"]
readme = here/"README.md"

setup(
    name=cfg["lib_name"], version=cfg["version"], description=cfg["description"], keywords=cfg["keywords"].split(),
    author=cfg["author"], author_email=cfg["author_email"], url=cfg["git_url"], license="Apache-2.0",
    long_description=readme.read_text(encoding="utf-8") if readme.exists() else "", long_description_content_type="text/markdown",
    packages=find_packages(include=["autointerp", "autointerp.*"]), package_data={"autointerp": ["assets.json", "py.typed", "demo_sae/*", "prompts/*", "static/*"]}, python_requires=f">={cfg['min_python']}",
    install_requires=cfg["requirements"].split(), extras_require={"dev": cfg["dev_requirements"].split()},
    entry_points={"console_scripts": cfg["console_scripts"].split(), "nbdev": [f"{cfg['lib_path']}={cfg['lib_path']}._modidx:d"]},
    zip_safe=False,
)
