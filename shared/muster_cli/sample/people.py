"""Made-up people for the illustrative sample. None of them exists; every address is at example.org."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from muster_cli.sample import draw

_FIRST = {
    "africa": "Abena Amina Baraka Chipo Desta Ekow Fatou Grace Habiba Ibrahima Jelani Kwame Lindiwe Moussa "
    "Nia Omar Pendo Rehema Sipho Tendai Wanjiru Yaw Zainab Zola",
    "americas": "Alejandro Beatriz Camila Diego Esteban Fernanda Gabriela Hernán Inés Joaquín Leticia Marisol "
    "Nicolás Odette Paola Rafael Soledad Tomás Valeria Ximena",
    "arab": "Ahlam Bassam Dalia Fadi Ghada Hisham Iman Jamila Karim Layla Mazen Nadia Rania Samir Tarek Yasmin",
    "asia": "Anjali Bayu Chandra Dewi Farida Gulnara Hoang Ichiro Jun Kavita Lakshmi Mei Nuwan Om Priya Ratna "
    "Somchai Tenzin Uma Wei",
    "europe": "Anneli Bram Clara Dário Elin Florian Greta Henrik Ilse Joris Katarina Luca Marta Niamh Oskar "
    "Pavel Renata Silke Tomasz Vera",
    "east": "Aida Bekzod Diana Emil Gohar Irina Jasna Karlygash Lejla Mirela Nodira Olena Petar Rustam Sanja "
    "Tamar Vesna Zoran",
}
_LAST = {
    "africa": "Achieng Banda Chirwa Diallo Emeka Fofana Gathoni Hailu Issoufou Juma Kamau Lungu Mensah Nkemelu "
    "Owusu Phiri Rakoto Sesay Tesfaye Umutoni Wekesa Zulu",
    "americas": "Almada Benavides Cordero Duarte Escobedo Figueroa Galindo Herrera Ibarra Jaramillo Lozano "
    "Montalvo Narváez Ocampo Paredes Quiroga Robledo Salgado Urrutia Villalba",
    "arab": "Al-Amin Barakat Chahine Darwish Farouk Ghanem Haddad Idrissi Jaber Khoury Mansour Nasser Qasem "
    "Rahal Saleh Tahan",
    "asia": "Acharya Bautista Chen Dissanayake Fernando Gunawan Hossain Inoue Joshi Khine Lim Mendis Nguyen "
    "Perera Rahmani Santoso Thapa Vongsa Wijaya Yusuf",
    "europe": "Aalto Bakker Caruso Dvorak Eriksen Fischer Gallagher Hofmann Iversen Jansen Kovacs Lindqvist "
    "Moreau Novak Olsen Pereira Rossi Svensson Vermeer Weber",
    "east": "Abdullaev Beridze Celik Dimitrova Erdem Grigoryan Hasanov Ivanić Jovanova Kolar Lupu Marković "
    "Nazarov Popescu Rexhepi Saparov Todorova Usmanov",
}
_NAMES_OF_REGION = {
    "southern_africa": "africa",
    "east_horn_of_africa": "africa",
    "west_central_africa": "africa",
    "central_north_america_caribbean": "americas",
    "south_america": "americas",
    "middle_east_north_africa": "arab",
    "asia_pacific": "asia",
    "eu_switzerland_norway": "europe",
    "see_ee_central_asia": "east",
    "multi_regional": "europe",
}


@dataclass(slots=True)
class People:
    """Gives out made-up people, each name once."""

    taken: set[str] = field(default_factory=set)

    def person(self, key: str, region: str) -> dict[str, str]:
        """A person ``{"name", "email"}`` whose name is plausible in the region and not given out before."""
        family = _NAMES_OF_REGION[region]
        attempt = 0
        while (name := _name(f"{key}/{attempt}", family)) in self.taken:
            attempt += 1
        self.taken.add(name)
        return {"name": name, "email": _address(name)}


def _name(key: str, family: str) -> str:
    first = draw.pick(f"first/{key}", _FIRST[family].split())
    return f"{first} {draw.pick(f'last/{key}', _LAST[family].split())}"


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{plain.replace(' ', '.')}@example.org"
